"""Campaigns (专项行动) that run: their pages, their days, and the cases they start.

What the steps of their diagram do is in `app.services.enlisting`.
"""

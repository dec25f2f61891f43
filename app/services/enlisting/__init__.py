"""What the steps of a campaign do: fix whom it takes in and its days, ask for procedures.

A campaign's pages, and the job that starts the cases asked for, are in `app.services.campaigns`.
"""

"""Imports of lists: handed in, read by a job, looked through by a person, carried out by a job."""

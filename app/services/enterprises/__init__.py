"""The registry of enterprises: the list, one enterprise's dossier, and who may write what in it."""

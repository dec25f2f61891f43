"""Case files (案卷): a case bound as one PDF/A-3, made in the background of what was frozen."""

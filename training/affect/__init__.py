"""Expression models: vote distribution learnt from FER+, see `training/README.md`."""

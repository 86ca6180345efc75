"""Reference pages, written from the code that they describe: `python -m notifier.reference`."""

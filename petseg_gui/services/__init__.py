"""Work off the UI thread: Qt signals, no widgets."""

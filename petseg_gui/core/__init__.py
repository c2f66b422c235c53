"""Documents and files: no Qt, no TensorFlow."""

"""The U-Net for pet masks: data, training, prediction, evaluation; no window needed."""

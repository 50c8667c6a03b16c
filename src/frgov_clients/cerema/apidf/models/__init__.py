"""What the data API answers, as typed values; one module for each subject."""

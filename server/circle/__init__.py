"""The circle: a lasting small community inside another. One file for each thing that people do in it, put together in `model`; pure."""

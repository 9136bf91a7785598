"""The compte rendu: what came of a workshop, as a document to print, to pass on and to reckon with (SPEC H8).

It is written from public records alone, whoever asks for it: what it holds, every participant has on his screen.
"""

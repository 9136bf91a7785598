"""Images: files of strangers made into pictures of ours."""

"""The bytes of images: checked and made anew, kept beside the journal, which holds their ids alone (DESIGN, Images)."""

"""What to make of a blog's HTML: words, pictures, and HTML that is fit for a letter. Pure."""

"""What is asked of streams beside their records, by the kind of stream: pages, lists, search."""

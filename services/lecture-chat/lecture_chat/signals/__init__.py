"""What holds in a room beside its entries: hands, reactions, votes, mutes, read positions."""

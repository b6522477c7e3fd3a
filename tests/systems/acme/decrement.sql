update stock set on_hand = on_hand + :delta

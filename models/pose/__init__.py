"""Where the joints of an animal are: 20 keypoints from a crop, and what the animal looks like, in one look."""

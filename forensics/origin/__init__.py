"""Where an animal came from: populations, places, isotopes, each with its uncertainty."""

"""Wild, captive or neither, by measurements such as stable isotopes."""

"""``python -m forensics``."""

from forensics.start import main

if __name__ == "__main__":
    main()

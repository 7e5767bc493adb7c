"""What the tests of the page share: a Chromium, its pages as tests see them, and what they must show."""

"""The commands of `catml`, thin: each opens the home, calls one plain function of a lower floor, and says what it did."""

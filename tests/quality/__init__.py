"""The quality desk: agreement, forecasts, made-up pairs, blind checks and what is estimated from them."""

"""One self-contained web page of a plan, a comparison or a sweep: figures drawn, tables behind them, no network."""

"""Figures of a report as pictures for documents: drawn by matplotlib, which needs no browser."""

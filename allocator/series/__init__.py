"""Hourly and sub-hourly series: files and profiles in, checked UTC hours out."""

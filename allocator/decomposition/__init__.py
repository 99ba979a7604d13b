"""Decisions in a master problem, hours in closed form or small linear programs, joined by cuts."""

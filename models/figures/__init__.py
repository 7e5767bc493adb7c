"""Figures for notebooks, in the page's colours and ranges; and those colours and ranges, which the page takes from here.

Importing this folder loads no Plotly; `of_trace` does.
"""

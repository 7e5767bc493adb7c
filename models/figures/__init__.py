"""Figures for notebooks, in the page's colours and ranges; the page takes both from here.

Importing this folder loads no Plotly; `of_trace` does.
"""

"""The parts that pages are made of. Only here, in pages/ and in app.py: streamlit."""

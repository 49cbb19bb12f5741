"""The least page that answers a click, as the floor of ours: a select box, a number and a chart, without any data."""

import altair as alt
import pandas as pd
import streamlit as st

CHOICES = [str(number) for number in range(1, 100)]

chosen = st.selectbox("Choice", CHOICES)
st.metric("Chosen", chosen)
bars = pd.DataFrame({"day": range(30), "value": range(int(chosen), int(chosen) + 30)})
chart = alt.Chart(bars).mark_bar().encode(x="day:O", y="value:Q")
st.altair_chart(chart.properties(usermeta={"embedOptions": {"renderer": "svg"}}))

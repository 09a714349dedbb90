// Somewhere else: a page that goes back to where one came from.

addEventListener('load', () => setTimeout(() => history.back()));

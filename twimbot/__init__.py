"""twimbot collects a community's weekly news in a Matrix room and renders it into a post."""

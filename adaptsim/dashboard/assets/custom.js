// What Solara's own page leaves out for people who read with their ears or zoom.
document.documentElement.lang = 'en';
document.querySelector('meta[name=viewport]').content = 'width=device-width, initial-scale=1';

// What Solara's own page leaves out for people who read with their ears or zoom.
document.documentElement.lang = 'en';
document.querySelector('meta[name=viewport]').content = 'width=device-width, initial-scale=1';
new MutationObserver(() => {
  const name = (selector, label) => document.querySelectorAll(selector + ':not([aria-label])')
    .forEach((element) => element.setAttribute('aria-label', label));
  name('.ad-header button.v-btn--icon', 'Switch between light and dark');
}).observe(document.documentElement, {subtree: true, childList: true});

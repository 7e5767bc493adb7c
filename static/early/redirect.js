// Runs before anything is painted. An address says which page it is of: `first=` the first minute, anything else a view
// of the laboratory. The server sees nothing behind the "#", so this sends whoever has come to the other page to the
// right one.
(() => {
  const { pathname, hash } = location;
  const minute = /[#&]first=/.test(hash);
  const laboratory = pathname === "/explore";
  if (laboratory && minute) location.replace(`/first${hash}`);
  else if (!laboratory && hash.length > 1 && !minute && hash !== "#main") location.replace(`/explore${hash}`);
  else if (!laboratory) document.cookie = "first-minute=seen; path=/; max-age=31536000; samesite=lax";
})();

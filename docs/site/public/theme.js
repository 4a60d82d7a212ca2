// Before anything is shown: what the reader has chosen, where the system's choice is not theirs.
try {
  const theme = localStorage.getItem('theme');
  if (theme !== null) document.documentElement.dataset.theme = theme;
} catch {
  // No storage is allowed here: the system chooses.
}

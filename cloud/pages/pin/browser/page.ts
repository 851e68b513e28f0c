/**
 * The script of the page on which a person chooses a PIN. It moves the secret of the link from the
 * part of the address that servers never see into the form.
 */
const form = document.querySelector('form')
const token = form?.querySelector<HTMLInputElement>('[name="token"]')
const incomplete = document.querySelector<HTMLElement>('[data-incomplete]')

const fromLink = new URLSearchParams(location.hash.slice(1)).get('t')
if (token && fromLink) token.value = fromLink
if (form && token && incomplete) {
  form.hidden = token.value === ''
  incomplete.hidden = token.value !== ''
}

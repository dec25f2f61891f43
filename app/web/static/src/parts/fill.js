// Demo mode: a press on an account fills in its name and password.
export function startFill() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-fill-username]');
    const form = button && document.getElementById('f-username')?.form;
    if (!form) return;
    form.elements.username.value = button.dataset.fillUsername;
    form.elements.password.value = button.dataset.fillPassword;
    form.querySelector('.btn-primary').focus();
  });
}

// Speaks with the passkey of whoever is here: makes one, or shows one, and sends the answer with the form.
// <form data-passkey="make" or "show" data-options="…"> with a hidden field "credential" and one [data-passkey-button].
// Without this file the codes of an app and on paper still work.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const button = form.querySelector("[data-passkey-button]");
  const trouble = form.querySelector("[data-passkey-trouble]");
  if (!window.PublicKeyCredential) { form.dataset.passkeyLacks = "yes"; return; }

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  function understood(wanted) {
    const options = { ...wanted, challenge: bytes(wanted.challenge) };
    if (wanted.user) options.user = { ...wanted.user, id: bytes(wanted.user.id) };
    if (wanted.excludeCredentials) options.excludeCredentials = named(wanted.excludeCredentials);
    if (wanted.allowCredentials) options.allowCredentials = named(wanted.allowCredentials);
    return options;
  }

  function told(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function speak() {
    trouble.hidden = true;
    const publicKey = understood(JSON.parse(form.dataset.options).publicKey);
    const way = form.dataset.passkey === "make" ? "create" : "get";
    try {
      form.elements.credential.value = told(await navigator.credentials[way]({ publicKey }));
      form.submit();
    } catch (error) {
      trouble.hidden = false;
      trouble.focus();
    }
  }

  button.hidden = false;
  button.addEventListener("click", (event) => { event.preventDefault(); speak(); });
})();

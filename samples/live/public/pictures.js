/* Uploads a form. XMLHttpRequest, because fetch does not tell how much has been sent. */

export function uploadPicture(fields, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/pictures');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener('error', () => reject(new Error('The upload broke off.')));
    request.addEventListener('load', () => {
      if (request.status === 201) resolve();
      else reject(new Error(problemOf(request)));
    });
    request.send(fields);
  });
}

function problemOf({ responseText, status }) {
  try {
    const { title, detail, errors } = JSON.parse(responseText);
    return errors?.[0]?.detail ?? detail ?? title;
  } catch {
    return `The server answered ${status}.`;
  }
}

// The documentation of this center's own API: nothing is loaded from or validated at another host.
"use strict";

const place = document.getElementById("swagger");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  validatorUrl: null,
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  supportedSubmitMethods: ["get", "post", "put", "delete", "patch"],
});

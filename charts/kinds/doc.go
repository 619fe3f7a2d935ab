// Command kinds writes the JSON Schemas that kubeconform checks manifests with: those of
// Kubernetes itself, and of the custom resources that the chart uses.
//
//	kinds FOLDER
//
// They are made of what the projects publish in their Go modules, at fixed versions, so
// that nothing but a module proxy is needed. An object of theirs may have no other fields
// than those described, as kubectl has it with --validate=strict.
package main

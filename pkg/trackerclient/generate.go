package trackerclient

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config codegen.yaml ../../worker/internal/api/openapi.yaml

// The generated package comment gives way to the one in doc.go.
//go:generate sed -i -e 1,2d -e "3s/$/\\n/" generated.go

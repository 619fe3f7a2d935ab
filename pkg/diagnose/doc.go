// Package diagnose says whether a captured webhook is authentic and, when it is
// not, why: it tries the slips that people make, and names the one with which
// the signature fits.
//
//	verdict, err := diagnose.Run(ctx, diagnose.Case{Preset: preset, Options: options, Request: request, Now: now})
//	if !verdict.OK {
//		fmt.Println(verdict.Meaning)
//		for _, f := range verdict.Findings {
//			fmt.Println(f.Cause, f.Remedy)
//		}
//	}
//
// A cause with which the signature fits is proven: nobody hits an HMAC by
// chance. What is merely likely comes after, and is worded so.
//
// No text of a verdict holds a secret, a signature or a piece of the body.
package diagnose

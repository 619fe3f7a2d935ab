// Package reload follows the configuration file of a running process.
//
// A [Follower] watches the file, logs and counts what is refused, and keeps what is valid
// until the process is ready for it. One goroutine puts it into force:
//
//	follower := reload.New(cfg, reload.Options{Path: path, Env: os.LookupEnv, Part: config.Sources, Reloads: reloads, Log: log})
//	go follower.Run(ctx)
//	for {
//		select {
//		case <-ctx.Done():
//			return
//		case <-follower.Waiting():
//			install(follower.Take())
//		}
//	}
//
// Only the newest configuration waits. While one cannot be put into force yet, Waiting
// tells that a newer one has come, for which to give up the older.
package reload

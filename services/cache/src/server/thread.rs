//! The service as a thread of another process, such as `modelgate up`.

use super::{Addresses, Config, StartError, log, run};
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A service that runs in this process. Dropping it ends the service in an orderly way, and waits for that.
#[derive(Debug)]
pub struct Thread {
    addresses: Addresses,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts a service: when this is done, it answers. Its log goes to standard error, where the process has no log yet.
    ///
    /// # Errors
    /// [`StartError`]
    pub fn start(config: Config) -> Result<Self, StartError> {
        log::set_up(config.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Thread)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (say, says) = mpsc::channel();
        let thread = std::thread::Builder::new().name("modelgate-cache".to_owned()).spawn(move || {
            let said = say.clone();
            // A sender that is gone means the end, too.
            let stop = async { _ = stopped.await };
            let ready = move |addresses: &Addresses| _ = said.send(Ok(addresses.clone()));
            let done = runtime.block_on(run(config, stop, ready));
            // What was cut off is not waited for.
            runtime.shutdown_background();
            if let Err(error) = done {
                tracing::error!(%error, "the service ended");
                _ = say.send(Err(error));
            }
        });
        let thread = Some(thread.map_err(StartError::Thread)?);
        let addresses = says.recv().unwrap_or_else(|_| Err(StartError::Ended("it ended at once".to_owned())))?;
        Ok(Self { addresses, stop: Some(stop), thread })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

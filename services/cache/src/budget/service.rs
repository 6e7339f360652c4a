//! The gRPC service `modelgate.budget.v1.Budget`.

use super::call::{Call, CallError};
use super::engine::{Engine, EngineError};
use super::ledger::{Answer, Impossible};
use crate::server::Role;
use cache_api::budget as message;
use cache_api::budget::budget_server::Budget;
use tonic::{Request, Response, Status};

/// The service, over an engine.
#[derive(Debug, Clone)]
pub struct Service {
    engine: Engine,
}

impl Service {
    /// A service over an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    async fn ask(&self, call: Result<Call, CallError>) -> Result<Answer, Status> {
        let call = call.map_err(|error| Status::invalid_argument(error.to_string()))?;
        match self.engine.ask(call).await {
            Ok(Answer::Impossible(reason @ Impossible::NoAccount)) => Err(Status::not_found(reason.to_string())),
            Ok(Answer::Impossible(reason @ Impossible::Settled)) => {
                Err(Status::failed_precondition(reason.to_string()))
            }
            Ok(answer) => Ok(answer),
            Err(error @ EngineError::Full) => Err(Status::resource_exhausted(error.to_string())),
            Err(error) => Err(Status::unavailable(error.to_string())),
        }
    }

    /// The account that a method of administration was about.
    async fn known(&self, call: Result<Call, CallError>) -> Result<Option<message::Known>, Status> {
        match self.ask(call).await? {
            Answer::Known(known) => Ok(known.into_iter().next()),
            _ => Err(other()),
        }
    }
}

/// An engine that answers another question is a fault of ours.
fn other() -> Status {
    Status::internal("the budget's engine gave an answer of another kind")
}

#[tonic::async_trait]
impl Budget for Service {
    async fn reserve(
        &self,
        request: Request<message::ReserveRequest>,
    ) -> Result<Response<message::ReserveResponse>, Status> {
        match self.ask(Call::reserve(request.get_ref())).await? {
            Answer::Reserved(response) => Ok(Response::new(response)),
            _ => Err(other()),
        }
    }

    async fn settle(
        &self,
        request: Request<message::SettleRequest>,
    ) -> Result<Response<message::SettleResponse>, Status> {
        match self.ask(Call::settle(request.get_ref())).await? {
            Answer::Settled(standings) => Ok(Response::new(message::SettleResponse { standings })),
            _ => Err(other()),
        }
    }

    async fn peek(&self, request: Request<message::PeekRequest>) -> Result<Response<message::PeekResponse>, Status> {
        let administers = request.extensions().get::<Role>() == Some(&Role::Administrator);
        let sent = request.get_ref();
        let mut known = Vec::new();
        if !sent.demands.is_empty() {
            let Answer::Known(some) = self.ask(Call::peek(sent)).await? else { return Err(other()) };
            known = some;
        }
        // No demand and no prefix asks for all.
        if !sent.prefix.is_empty() || sent.demands.is_empty() {
            if !administers {
                return Err(Status::permission_denied("a prefix needs a credential of `administrators`"));
            }
            let Answer::Known(some) = self.ask(Ok(Call::Prefix(sent.prefix.clone(), sent.after.clone()))).await? else {
                return Err(other());
            };
            known.extend(some);
        }
        Ok(Response::new(message::PeekResponse { known }))
    }

    async fn set(&self, request: Request<message::SetRequest>) -> Result<Response<message::SetResponse>, Status> {
        let known = self.known(Call::set(request.get_ref())).await?;
        Ok(Response::new(message::SetResponse { known }))
    }

    async fn reset(&self, request: Request<message::ResetRequest>) -> Result<Response<message::ResetResponse>, Status> {
        let known = self.known(Call::reset(request.get_ref())).await?;
        Ok(Response::new(message::ResetResponse { known }))
    }

    async fn top_up(
        &self,
        request: Request<message::TopUpRequest>,
    ) -> Result<Response<message::TopUpResponse>, Status> {
        let known = self.known(Call::top_up(request.get_ref())).await?;
        Ok(Response::new(message::TopUpResponse { known }))
    }
}
